package sandbox

import "kabinet/integrations/sandbox"

// limits is the page of limits: what public sources say, and what had to be decided.
var limits = []sandbox.Limit{
	{ID: "visitor", Standing: sandbox.Documented, Source: "Идентификация авторизованных клиентов, 1.0"},
	{ID: "signature", Standing: sandbox.Documented, Source: "Идентификация авторизованных клиентов, 2.0"},
	{ID: "vector", Standing: sandbox.Documented, Source: "Идентификация авторизованных клиентов, 2.0"},
	{ID: "link", Standing: sandbox.Documented, Source: "Идентификация авторизованных клиентов, 1.0"},
	{ID: "webhooks", Standing: sandbox.Documented, Source: "Webim: вебхуки"},
	{ID: "members", Standing: sandbox.Documented, Source: "Webim: вебхуки"},
	{ID: "lines", Standing: sandbox.Observed, Source: "webim/webim-android-sdk-demo"},
	{ID: "no_end", Standing: sandbox.Observed, Source: "webim/webim-client-sdk-ios"},
	{ID: "ids", Standing: sandbox.Observed, Source: "webim/webim-client-sdk-ios"},
	{ID: "page", Standing: sandbox.Observed, Source: "button.js"},
	{ID: "location", Standing: sandbox.Observed, Source: "button.js"},
	{ID: "mobile", Standing: sandbox.Observed, Source: "webim/webim-client-sdk-ios"},
	{ID: "bad_signature", Standing: sandbox.Ours},
	{ID: "expired", Standing: sandbox.Ours},
	{ID: "far_end", Standing: sandbox.Ours},
	{ID: "hmac", Standing: sandbox.Ours},
	{ID: "lengths", Standing: sandbox.Ours},
	{ID: "history", Standing: sandbox.Ours},
	{ID: "handlers_api", Standing: sandbox.Ours},
	{ID: "window", Standing: sandbox.Ours},
	{ID: "chat_life", Standing: sandbox.Ours},
	{ID: "webhook_form", Standing: sandbox.Ours},
	{ID: "online_status", Standing: sandbox.Ours},
	{ID: "two_keys", Standing: sandbox.Ours},
	{ID: "missing_pages", Standing: sandbox.Missing},
	{ID: "tokens", Standing: sandbox.Missing},
	{ID: "mobile_rest", Standing: sandbox.Missing},
	{ID: "files", Standing: sandbox.Missing},
	{ID: "operators", Standing: sandbox.Missing},
}
