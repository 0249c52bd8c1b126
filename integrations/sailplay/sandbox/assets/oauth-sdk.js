// The script that drives the popup of unified authorization. The vendor's own is not documented: this is
// the sandbox's, and so is what it is called. authorize() opens the sign-in in a window of its own, which
// ends at redirect_url; it returns false when the browser has blocked the window.
(() => {
  'use strict';
  const { origin, pathname } = new URL(document.currentScript.src);
  const partner = pathname.split('/').filter(Boolean).at(-1);
  window.SailPlayOAuth = {
    authorize({ store_department_id, redirect_url }) {
      const address = new URL('/auth/authorize/', origin);
      Object.entries({ store_department_id, partner_id: partner, redirect_url }).forEach(([name, value]) => address.searchParams.set(name, value));
      return Boolean(window.open(address, 'sailplay', 'popup,width=480,height=720'));
    },
  };
})();
