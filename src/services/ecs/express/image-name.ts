/** The last part of an image's repository, of letters that service names may have: `web` of `host:5000/team/web:v1`. */
export function parseImageName(image: string): string {
  const repository = (image.split('@')[0] ?? '').split('/').at(-1)?.split(':')[0] ?? '';
  return repository.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 200) || 'service';
}
