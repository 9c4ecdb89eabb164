import { JsonFile, type awscdk, type Project } from 'projen';

const PAGES = ['*.md', 'docs/*.md', '.github/**/*.md', 'examples/*.md', '#API.md'];

/** `npm run lint`: code, pages and workflows. */
export function addLint(project: Project): void {
  const lint = project.addTask('lint', {
    description: 'Code (ESLint), pages (markdownlint) and workflows (actionlint, zizmor)',
    exec: 'eslint --ext .ts lib test examples .projenrc.ts .projen',
    env: { ESLINT_USE_FLAT_CONFIG: 'false' },
  });
  lint.exec(`markdownlint-cli2 --config .github/.markdownlint.json ${PAGES.map((page) => `"${page}"`).join(' ')}`);
  lint.exec('node .scripts/lint-workflows.mjs');
  new JsonFile(project, '.github/.markdownlint.json', {
    marker: false,
    obj: {
      MD010: { code_blocks: false }, // Go
      MD013: false, // a paragraph is a line
      MD020: false, // C#
      MD029: false, // a list goes on below a heading
      MD033: { allowed_elements: ['picture', 'source', 'img'] },
    },
  });
}

/** After compiling: API.md, and the README's snippets in all languages. */
export function addDocuments(project: awscdk.AwsCdkConstructLibrary): void {
  project.tasks.tryFind('docgen')!.exec('node .scripts/own-api.mjs');
  project.postCompileTask.spawn(project.addTask('rosetta', {
    description: 'Compile the README snippets',
    exec: 'jsii-rosetta extract --strict .',
  }));
}
