// amoCRM's own pages load this file. The widget shows itself in the client cabinet only: see personal_page.js.
define([], function () {
  return function Widget() {
    const done = function () {
      return true;
    };
    this.callbacks = {
      render: done,
      init: done,
      bind_actions: done,
      onSave: done,
      destroy: function () {},
    };
    return this;
  };
});
