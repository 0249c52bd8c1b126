// The module amocrm-sdk by the vendor's page "Кабинет клиента": names and values as they stand there.
define(['store'], (store) => {
  const freeze = (object) => Object.freeze(Object.fromEntries(Object.entries(object).map(([name, value]) => [name, Object.freeze(value)])));
  const same = (...names) => Object.fromEntries(names.map((name) => [name, name]));

  const constants = freeze({
    DATE_FORMATS: { americanNormal: 'dd/mm/yyyy', americanInversed: 'mm/dd/yyyy', russianNormal: 'dd.mm.yyyy', chineseNormal: 'yyyy/mm/dd' },
    TIME_FORMATS: { twelve: 'h:MM TT', twentyFour: 'HH:MM' },
    SUPPORTED_LANGS: same('ru', 'en', 'es', 'pt'),
    LEAD_FIELD_SOURCES: same('lead', 'contacts', 'company'),
    FIELD_TYPES: same('text', 'numeric', 'checkbox', 'date', 'select', 'multiselect', 'url', 'textarea', 'radiobutton', 'streetaddress',
      'smartAddress', 'legalEntity', 'birthday', 'dateTime', 'multitext', 'budget'),
    PUBLIC_STATE_ENTITIES: same('sys', 'lead', 'leadFields', 'authors'),
    GLOBAL_CLASS_NAMES: { widgetBarItemContainer: 'js-widget-bar-item-container' },
  });

  return function initAmocrmWidgetSdk(options) {
    if (!options || options.version !== '1.0.0') {
      throw new Error('amocrm-sdk: options.version must be "1.0.0"');
    }
    return {
      constants,
      methods: {
        getState: (name) => store.get(name),
        subscribe(name, callback, more) {
          if (more && more.withInitialResult) {
            callback(store.get(name));
          }
          return store.subscribe(name, callback);
        },
        // The ids that the address has; its shape is the sandbox's own.
        getRouterQuery() {
          const [, accountId, leadId] = location.pathname.match(/^\/(\d+)\/leads\/(\d+)$/) || [];
          return accountId ? { accountId, leadId } : {};
        },
      },
    };
  };
});
