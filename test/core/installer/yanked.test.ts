import { expect, test } from 'vitest';
import { readYanked } from '../../../lib/core/installer/yanked';

test.each<[string, string, Record<string, string>]>([
  ['pip, with a reason', `Collecting requests==2.32.0
  Downloading requests-2.32.0-py3-none-any.whl (63 kB)
WARNING: The candidate selected for download or install is a yanked version: 'requests' candidate (version 2.32.0 at https://example.com/requests-2.32.0-py3-none-any.whl (from https://example.com/simple/requests/) (requires-python:>=3.8))
Reason for being yanked: Yanked due to conflicts with CVE-2024-35195 mitigation
Saved ./requests-2.32.0-py3-none-any.whl`, { 'requests 2.32.0': 'Yanked due to conflicts with CVE-2024-35195 mitigation' }],
  ['pip, without', `WARNING: The candidate selected for download or install is a yanked version: 'Zope.Interface' candidate (version 1.0 at file:///wheels/zope.interface-1.0-py3-none-any.whl (from index.html))
Reason for being yanked: <none given>
WARNING: The candidate selected for download or install is a yanked version: 'b' candidate (version 2.0 at file:///b-2.0-py3-none-any.whl (from index.html))
Reason for being yanked: (no) "reason"`, { 'zope-interface 1.0': '', 'b 2.0': '(no) "reason"' }],
  ['uv', `Resolved 2 packages in 154ms
warning: \`requests==2.32.0\` is yanked (reason: "Yanked due to conflicts with CVE-2024-35195 mitigation")
warning: \`b==2.0\` is yanked`, { 'requests 2.32.0': 'Yanked due to conflicts with CVE-2024-35195 mitigation', 'b 2.0': '' }],
  ['neither', 'Collecting yanked version\n + requests==2.32.3', {}],
])('what was withdrawn, in the words of %s', (_, output, expected) => {
  expect(Object.fromEntries(readYanked(output))).toEqual(expected);
});
