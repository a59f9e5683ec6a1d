import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding, formatGc } from './registry.ts';

test('a finding names every image that it breaks', () => {
  const finding = { what: 'blob', problem: 'damaged', digest: 'sha256:ab', detail: 'its 3 bytes are others' };
  const images = [
    { repository: '1/us-east-1/app', digest: 'sha256:cd', tags: ['v1', 'latest'] },
    { repository: '1/us-east-1/api', digest: 'sha256:ef', tags: [] },
  ];
  assert.equal(
    formatFinding({ ...finding, images }),
    'damaged blob sha256:ab: its 3 bytes are others\n' +
      '  breaks 1/us-east-1/app:v1, 1/us-east-1/app:latest (sha256:cd)\n' +
      '  breaks 1/us-east-1/api (sha256:ef)\n',
  );
  assert.match(formatFinding({ ...finding, images: [] }), /breaks no image/);
});

test('a dry run says would', () => {
  const went = { links: 3, blobs: 2, blobBytes: 2048, uploads: 1, uploadBytes: 1024 };
  assert.match(formatGc(went, true), /^Would give back 3\.0 KiB: 2 blobs and 1 uploads, after 3 links/);
  assert.match(formatGc(went, false), /^Gave back 3\.0 KiB/);
});
