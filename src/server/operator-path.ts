/** A percent-encoded name of a resource in a path; one with a bad escape stands for itself, and names nothing. */
export function decodedReference(reference: string): string {
  try {
    return decodeURIComponent(reference);
  } catch {
    return reference;
  }
}
