"""`aws cloudtrail validate-logs` of the installed aws CLI, against --endpoint-url.

The CLI builds its S3 client without the endpoint, so only that is replaced: traversing the digests, verifying their
signatures and comparing the hashes is AWS's code. Run it with the interpreter that /usr/bin/aws names.

    python3 validate-logs.py ENDPOINT cloudtrail validate-logs --trail-arn ARN --start-time TIME
"""

import sys

from awscli.clidriver import create_clidriver
from awscli.customizations.cloudtrail.validation import S3ClientProvider

endpoint, *arguments = sys.argv[1:]


def create_client(self, region_name):
    if region_name not in self._client_cache:
        self._client_cache[region_name] = self._session.create_client("s3", region_name, endpoint_url=endpoint)
    return self._client_cache[region_name]


S3ClientProvider._create_client = create_client
sys.exit(create_clidriver().main(["--endpoint-url", endpoint, *arguments]))
