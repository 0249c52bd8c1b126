// The script that drives the popup of unified authorization. The vendor's own is not documented: this is
// the sandbox's, and so is what it is called. authorize() opens the sign-in in a window of its own and, when
// that is through, calls done with the address to go on to; it returns false when the browser has blocked
// the window. A page that keeps its windows apart (Cross-Origin-Opener-Policy) hears nothing: there the
// window itself goes on to that address.
(() => {
  'use strict';
  const { origin, pathname } = new URL(document.currentScript.src);
  const partner = pathname.split('/').filter(Boolean).at(-1);
  window.SailPlayOAuth = {
    authorize({ store_department_id, redirect_url, done = (to) => { location.href = to; } }) {
      const address = new URL('/auth/authorize/', origin);
      Object.entries({ store_department_id, partner_id: partner, redirect_url, sdk: 'yes' }).forEach(([name, value]) => address.searchParams.set(name, value));
      const popup = window.open(address, 'sailplay', 'popup,width=480,height=720');
      if (!popup) return false;
      addEventListener('message', function heard(event) {
        if (event.origin !== origin || event.source !== popup || event.data?.name !== 'oauth.done') return;
        removeEventListener('message', heard);
        done(event.data.to);
      });
      return true;
    },
  };
})();
