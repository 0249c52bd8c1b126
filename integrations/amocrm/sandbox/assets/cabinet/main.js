// Where the modules are that the vendor's page declares. Nothing here is minified by us or bundled.
requirejs.config({
  baseUrl: '/js',
  waitSeconds: 20,
  paths: {
    jquery: 'npm/jquery',
    react: 'npm/react',
    'react-dom': 'npm/react-dom',
    '@reduxjs/toolkit': 'npm/redux-toolkit',
    'react-redux': 'npm/react-redux',
    'nanoid-module': 'npm/nanoid',
    nanoid: 'nanoid-function',
    classnames: 'npm/classnames',
    dateformat: 'npm/dateformat',
    lodash: 'npm/lodash',
  },
});
requirejs(['cabinet'], (cabinet) => cabinet.start(), (error) => {
  const trouble = document.getElementById('trouble'); // in English: the texts come with the cabinet's script
  trouble.hidden = false;
  trouble.textContent = `${error.message} (make assets)`;
});
