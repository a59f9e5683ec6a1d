/** A policy document as IAM answers it: percent-encoded by RFC 3986. */
export function encodedDocument(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
