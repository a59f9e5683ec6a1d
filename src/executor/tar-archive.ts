const BLOCK_BYTES = 512;

/** A tar (ustar) of one executable file, owned by root. `name` is relative, up to 100 characters. */
export function tarOfProgram(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0);
  header.write(octal(0o755, 8), 100);
  header.write(octal(0, 8), 108); // user
  header.write(octal(0, 8), 116); // group
  header.write(octal(content.length, 12), 124);
  header.write(octal(0, 12), 136); // changed in 1970: the same image everywhere
  header.write(' '.repeat(8), 148);
  header.write('0', 156); // a plain file
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);

  const padding = (BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES;
  return Buffer.concat([header, content, Buffer.alloc(padding + 2 * BLOCK_BYTES)]);
}

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\0`;
}
