/** The inserted code connects to just this cluster, whatever it is called. */

import { clientCode } from '../code';

describe('clientCode', () => {
  it('connects and makes a client', () => {
    expect(clientCode({ id: 'abc', name: 'sales-join', group_title: 'Research' })).toBe(
      [
        'from dask_gateway import Gateway',
        '',
        'cluster = Gateway().connect("abc")  # sales-join, charged to Research',
        'client = cluster.get_client()',
        'client'
      ].join('\n')
    );
  });

  it('keeps a name with line ends inside its comment', () => {
    const code = clientCode({ id: 'abc', name: 'a\nimport os', group_title: 'R' });
    expect(code).toContain('# a import os, charged to R');
    expect(code.split('\n')).toHaveLength(5);
  });
});
