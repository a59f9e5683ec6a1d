import { pageOf, type IamPage, type PageInput } from './pages.ts';

/** One page of a list whose order is its own: its marker is a position. For lists that stay the same between two calls. */
export function pageInOrder<T>(items: readonly T[], input: PageInput): IamPage<T> {
  const numbered = items.map((item, index) => ({ item, position: String(index).padStart(6, '0') }));
  const found = pageOf(numbered, ({ position }) => position, input);
  return { items: found.items.map(({ item }) => item), page: found.page };
}
