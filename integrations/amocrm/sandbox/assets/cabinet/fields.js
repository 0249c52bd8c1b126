// How the cabinet shows a field of each kind. The shapes of the values are the sandbox's own.
define(['dateformat'], (dateFormat) => {
  const day = (value, sys) => dateFormat(value, sys.dateFormat, true); // a day has no time zone
  const kinds = {
    checkbox: (value, sys, texts) => (value ? texts.yes : texts.no),
    date: day,
    birthday: day,
    dateTime: (value, sys) => dateFormat(new Date(value), `${sys.dateFormat} ${sys.timeFormat}`),
    multiselect: (value) => value.join(', '),
    multitext: (value) => value.join(', '),
    smartAddress: (value) => [value.city, value.address_line_1].filter(Boolean).join(', '),
    legalEntity: (value) => [value.name, value.vat_id].filter(Boolean).join(', '),
    budget: (value, sys) => `${value.toLocaleString(sys.lang)} ${sys.currencySymbol}`,
    numeric: (value, sys) => value.toLocaleString(sys.lang),
  };
  return (field, sys, texts) => (kinds[field.type] ? kinds[field.type](field.value, sys, texts) : String(field.value));
});
