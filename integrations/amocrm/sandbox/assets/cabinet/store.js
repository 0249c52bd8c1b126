// What the cabinet knows, by entity, and who wants to hear of changes.
define([], () => {
  const entities = { sys: null, lead: null, leadFields: null, authors: null };
  const listeners = new Map(Object.keys(entities).map((name) => [name, new Set()]));

  function known(name) {
    if (!listeners.has(name)) {
      throw new Error(`amocrm-sdk: there is no entity "${name}"; there are ${Object.keys(entities).join(', ')}`);
    }
  }

  // frozen is a copy that no widget can change.
  function frozen(value) {
    const copy = structuredClone(value);
    (function freeze(part) {
      if (part && typeof part === 'object') {
        Object.values(Object.freeze(part)).forEach(freeze);
      }
    })(copy);
    return copy;
  }

  return {
    // get returns the very same object until something in it is different.
    get(name) {
      known(name);
      return entities[name];
    },
    // set tells the listeners, and returns true, only when something is different.
    set(name, value) {
      if (JSON.stringify(entities[name]) === JSON.stringify(value)) {
        return false;
      }
      entities[name] = frozen(value);
      const now = listeners.get(name);
      for (const listener of [...now]) {
        if (now.has(listener)) { // no other has unsubscribed it meanwhile
          listener(entities[name]);
        }
      }
      return true;
    },
    // What a listener throws harms nobody else.
    subscribe(name, listener) {
      known(name);
      const own = (value) => { // so that one function may subscribe twice
        try {
          listener(value);
        } catch (error) {
          console.error(`a listener to ${name}:`, error);
        }
      };
      listeners.get(name).add(own);
      return () => { listeners.get(name).delete(own); };
    },
    // For tests: how many listen.
    listening: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
  };
});
