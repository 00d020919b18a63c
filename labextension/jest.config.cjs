// Components are rendered for real and queried by role; only JupyterLab's edge (plugins, panel widget) is left to the browser tests.
const tsconfig = `${__dirname}/tsconfig.test.json`;
// How JupyterLab translates: of its packages it is the one that tests run, and it is published as modules.
const translation = '@jupyterlab/translation/lib/';

module.exports = {
  rootDir: 'src',
  testTimeout: 120_000, // how busy the machine is does not count: `make test` runs pytest beside this
  testEnvironment: 'jsdom',
  setupFiles: ['<rootDir>/__tests__/setup.ts'],
  testMatch: ['**/__tests__/*.spec.ts?(x)'],
  transform: {
    '^.+\\.tsx?$': ['ts-jest', { tsconfig }],
    [`${translation}.+\\.js$`]: [
      'ts-jest',
      { tsconfig: { allowJs: true, module: 'commonjs', target: 'es2022' }, diagnostics: false }
    ]
  },
  transformIgnorePatterns: [`/node_modules/(?!${translation})`]
};
