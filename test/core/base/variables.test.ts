import { describe, expect, test } from 'vitest';
import { isSet } from '../../../lib/core/base/variables';

describe('a switch among the variables', () => {
  test.each(['', '0', 'n', 'no', 'No', 'false', 'FALSE', 'off', ' 0 ', undefined])('%j says no', (value) => {
    expect(isSet('SWITCH', { SWITCH: value })).toBe(false);
  });

  test.each(['1', 'y', 'yes', 'true', 'True', 'on', 'anything'])('%j says yes', (value) => {
    expect(isSet('SWITCH', { SWITCH: value })).toBe(true);
  });
});
