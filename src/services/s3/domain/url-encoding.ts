import { invalidArgument } from '../errors.ts';

/** How a list writes keys: as they are, or, since XML cannot hold every character, percent-encoded. */
export type KeyText = <T extends string | undefined>(text: T) => T;

/** @throws ServiceError InvalidArgument */
export function keyText(encodingType: string | undefined): KeyText {
  if (encodingType === undefined) return (text) => text;
  if (encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  }
  return (text) => (text === undefined ? text : (urlEncoded(text) as typeof text));
}

/** Slashes are left as they are. */
export function urlEncoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replace(/[!'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
