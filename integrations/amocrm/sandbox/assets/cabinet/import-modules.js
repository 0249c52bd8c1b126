// requirejs as a promise. Whether it takes one name or several is not documented: it takes both.
define(['require'], (require) => (names) => {
  const several = Array.isArray(names);
  return new Promise((resolve, reject) => {
    require(several ? names : [names], (...modules) => resolve(several ? modules : modules[0]), reject);
  });
});
