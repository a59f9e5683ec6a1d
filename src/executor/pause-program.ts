/**
 * A program that does nothing, as an ELF executable of some 150 bytes: what runs in a task's pause container. It waits
 * for signals for ever and is ended by SIGKILL. Written out here so that it needs nothing of the host.
 */
export function pauseProgram(arch: string): Buffer | undefined {
  const machine = MACHINES[arch];
  if (!machine) return undefined;
  const fileBytes = HEADERS_BYTES + machine.code.length;

  const header = Buffer.alloc(HEADERS_BYTES);
  header.write('\x7fELF', 'latin1');
  header.set([2, 1, 1], 4); // 64 bits, little-endian, version 1
  header.writeUInt16LE(2, 16); // an executable
  header.writeUInt16LE(machine.id, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(LOAD_ADDRESS + BigInt(HEADERS_BYTES), 24); // entry point
  header.writeBigUInt64LE(BigInt(ELF_HEADER_BYTES), 32); // where the program headers are
  header.writeUInt16LE(ELF_HEADER_BYTES, 52);
  header.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  header.writeUInt16LE(1, 56); // one of them

  const segment = header.subarray(ELF_HEADER_BYTES);
  segment.writeUInt32LE(1, 0); // to be loaded
  segment.writeUInt32LE(5, 4); // readable and executable
  segment.writeBigUInt64LE(LOAD_ADDRESS, 16);
  segment.writeBigUInt64LE(LOAD_ADDRESS, 24);
  segment.writeBigUInt64LE(BigInt(fileBytes), 32);
  segment.writeBigUInt64LE(BigInt(fileBytes), 40);
  segment.writeBigUInt64LE(0x10000n, 48); // aligned to the largest page there is
  return Buffer.concat([header, machine.code]);
}

const ELF_HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const HEADERS_BYTES = ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES;
const LOAD_ADDRESS = 0x400000n;

/** By Node's name of the architecture. */
const MACHINES: Readonly<Record<string, { readonly id: number; readonly code: Buffer }>> = {
  x64: {
    id: 0x3e,
    // mov eax, 34 (pause); syscall; jmp to the beginning
    code: Buffer.from('b8220000000f05ebf7', 'hex'),
  },
  arm64: {
    id: 0xb7,
    code: words([
      0xd2800000, // mov x0, 0
      0xd2800001, // mov x1, 0
      0xd2800002, // mov x2, 0
      0xd2800003, // mov x3, 0
      0xd2800004, // mov x4, 0
      0xd2800928, // mov x8, 73 (ppoll of nothing, without a timeout)
      0xd4000001, // svc 0
      0x17fffff9, // b to the beginning
    ]),
  },
};

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
}
