// Tells the portal's page around the frame what happens in it. Only the allowed portals are told.
(function () {
  'use strict';

  var cabinet = document.getElementById('cabinet');
  var event = cabinet.dataset.event;
  if (window.parent === window || !event) return;
  // The cabinet is ready when all of it has loaded.
  window.addEventListener('load', function () {
    cabinet.dataset.portals.split(' ').forEach(function (origin) {
      // A portal that is not the parent does not receive it: the browser compares origins.
      if (origin) window.parent.postMessage({ source: 'pp_widgets', event: event }, origin);
    });
  });
})();
