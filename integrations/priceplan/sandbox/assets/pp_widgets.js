// The sandbox's stand-in for PricePlan's pp_widgets.js. It is our own: the vendor's script
// is not public. Documented are PPWidgets.init, PPWidgets.Cabinet and the options; how the
// script works inside is our decision, listed on the sandbox's page of limits.
(function () {
  'use strict';

  var options = null;
  var frame = null;
  var ready = false;

  function cabinetOrigin() {
    return (options.https ? 'https' : 'http') + '://' + options.customer + '-lk.' + options.domain;
  }

  window.addEventListener('message', function (event) {
    if (!frame || event.source !== frame.contentWindow || event.origin !== cabinetOrigin()) return;
    if (!event.data || event.data.source !== 'pp_widgets') return;
    // Once, when the cabinet has loaded completely, and not for each of its pages.
    if (event.data.event === 'ready' && !ready) {
      ready = true;
      if (options.isReady) options.isReady();
    }
    if (event.data.event === 'logout' && options.afterLogout) options.afterLogout();
  });

  window.PPWidgets = {
    init: function (given) {
      ['customer', 'domain', 'url_auth'].forEach(function (name) {
        if (typeof given[name] !== 'string' || !given[name]) {
          throw new TypeError('PPWidgets.init: the option ' + name + ' is missing');
        }
      });
      options = given;
    },

    Cabinet: function (elementId, size) {
      if (!options) throw new Error('PPWidgets.Cabinet: call PPWidgets.init first');
      var element = document.getElementById(elementId);
      if (!element) throw new Error('PPWidgets.Cabinet: there is no element with the id ' + elementId);

      ready = false;
      frame = document.createElement('iframe');
      frame.id = 'pp_cabinet_iframe';
      frame.title = 'PricePlan';
      // An attribute, because the guide's isReady clears the style.
      frame.setAttribute('width', String((size && size.width) || '100%').replace(/px$/, ''));
      frame.setAttribute('frameborder', '0');
      var auth = new URL(options.url_auth, location.href).href;
      // From the cabinet's host, iFrameResize({}) knows the origin of the frame's messages. The settings say which.
      frame.src = {{fromPortal}} ? auth : cabinetOrigin() + '/widget/cabinet/?url_auth=' + encodeURIComponent(auth);
      element.replaceChildren(frame);
    }
  };
})();
