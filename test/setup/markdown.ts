import * as fs from 'node:fs';
import * as path from 'node:path';

/** The pages of Markdown that are in the repository, but API.md, which is made. */
export function pagesOf(root: string): string[] {
  const examples = fs.readdirSync(path.join(root, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => `examples/${name}`);
  return ['.', 'docs', '.github', '.github/adr', 'examples', ...examples].flatMap((folder) => fs.readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.md')).map((name) => path.posix.join(folder, name)))
    .filter((file) => file !== 'API.md');
}

const FENCED = /^( *)(`{3,}|~{3,})(\S*)[^\n]*\n([^]*?)^\1\2 *$/gm;

/** The blocks of code on a page. */
export function snippetsOf(page: string): { readonly language: string; readonly code: string }[] {
  return [...page.matchAll(FENCED)].map(([, , , language, code]) => ({ language, code }));
}

/** Where a page's links and pictures lead. */
export function linksOf(page: string): string[] {
  const prose = page.replace(FENCED, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s"[^"]*")?\)|<\w+\s[^>]*?\b(?:src|srcset|href)="([^"]+)"/g)].map(([, link, attribute]) => link ?? attribute);
}

/** The anchors that GitHub gives to a page's headings. */
export function headingsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return [...page.replace(FENCED, '').matchAll(/^#{1,6} +(.*?) *#*$/gm)].map(([, heading]) => {
    const plain = heading.replace(/\]\([^)]*\)/g, ']').toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    const count = seen.get(plain) ?? 0;
    seen.set(plain, count + 1);
    return count === 0 ? plain : `${plain}-${count}`;
  });
}
