import { describe, expect, it } from 'vitest';
import { describeError } from './logger.js';

describe('the logger', () => {
  it('[O5] leaves out of an error what a driver puts in: the statement and its values', () => {
    const driver = Object.assign(new Error('The table is full'), {
      code: 'ER_RECORD_FILE_FULL',
      sql: 'INSERT … secret',
    });
    const outer = Object.assign(new Error('refused', { cause: driver }), { parameters: ['secret'], query: 'secret' });
    const described = JSON.stringify(describeError(outer));
    expect(described).toContain('ER_RECORD_FILE_FULL');
    expect(described).not.toContain('secret');
  });
});
