// What the cabinet knows, by entity, and who wants to hear of changes.
define([], () => {
  const entities = { sys: null, lead: null, leadFields: null, authors: null };
  const listeners = new Map(Object.keys(entities).map((name) => [name, new Set()]));

  function known(name) {
    if (!listeners.has(name)) {
      throw new Error(`amocrm-sdk: there is no entity "${name}"; there are ${Object.keys(entities).join(', ')}`);
    }
  }

  return {
    get(name) {
      known(name);
      return entities[name] && structuredClone(entities[name]);
    },
    // set tells the listeners only when something is different.
    set(name, value) {
      if (JSON.stringify(entities[name]) === JSON.stringify(value)) {
        return;
      }
      entities[name] = value;
      for (const listener of [...listeners.get(name)]) {
        listener(this.get(name));
      }
    },
    subscribe(name, listener) {
      known(name);
      const own = (value) => listener(value); // so that one function may subscribe twice
      listeners.get(name).add(own);
      return () => listeners.get(name).delete(own);
    },
    // For tests: how many listen.
    listening: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
  };
});
