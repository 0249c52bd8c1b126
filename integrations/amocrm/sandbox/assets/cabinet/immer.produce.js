// The toolkit has an immer of its own: another would not know its drafts.
define(['@reduxjs/toolkit'], (toolkit) => toolkit.createNextState);
