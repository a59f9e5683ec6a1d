/**
 * Decodes percent escapes to text; a plus stays a plus. Answers undefined for a bad escape and for bytes that are not
 * UTF-8, which callers refuse with 400.
 */
export function percentDecode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
