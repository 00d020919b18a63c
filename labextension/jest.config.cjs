// Components are rendered for real and queried by role; only JupyterLab's edge (plugins, panel widget) is left to the browser tests.
module.exports = {
  rootDir: 'src',
  testEnvironment: 'jsdom',
  setupFiles: ['<rootDir>/__tests__/setup.ts'],
  testMatch: ['**/__tests__/*.spec.ts?(x)'],
  transform: {
    '^.+\\.tsx?$': ['ts-jest', { tsconfig: `${__dirname}/tsconfig.test.json` }]
  }
};
