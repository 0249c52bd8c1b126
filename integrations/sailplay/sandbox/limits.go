package sandbox

import "kabinet/integrations/sandbox"

// limits is the page of limits: what public sources say, and what had to be decided.
var limits = []sandbox.Limit{
	{ID: "authorize", Standing: sandbox.Documented, Source: "Единая авторизация"},
	{ID: "exchange", Standing: sandbox.Documented, Source: "Единая авторизация"},
	{ID: "www", Standing: sandbox.Documented, Source: "Единая авторизация"},
	{ID: "login", Standing: sandbox.Documented, Source: "SailPlay API: login"},
	{ID: "users_add", Standing: sandbox.Documented, Source: "SailPlay API: users/add"},
	{ID: "purchases", Standing: sandbox.Documented, Source: "SailPlay API: purchases/new"},
	{ID: "info", Standing: sandbox.Observed, Source: "15web/sailplay-php"},
	{ID: "identification", Standing: sandbox.Observed, Source: "15web/sailplay-php"},
	{ID: "points_add", Standing: sandbox.Observed, Source: "nebolsin/sailplay"},
	{ID: "codes", Standing: sandbox.Observed, Source: "15web/sailplay-php"},
	{ID: "envelope", Standing: sandbox.Observed, Source: "dog-face/sailplay_api"},
	{ID: "hub_calls", Standing: sandbox.Observed, Source: "sailplay-hub"},
	{ID: "auth_page", Standing: sandbox.Observed, Source: "sailplay-hub"},
	{ID: "strict", Standing: sandbox.Ours},
	{ID: "returns", Standing: sandbox.Ours},
	{ID: "errors", Standing: sandbox.Ours},
	{ID: "consent", Standing: sandbox.Ours},
	{ID: "lives", Standing: sandbox.Ours},
	{ID: "members", Standing: sandbox.Ours},
	{ID: "known_members", Standing: sandbox.Ours},
	{ID: "points", Standing: sandbox.Ours},
	{ID: "shop", Standing: sandbox.Ours},
	{ID: "sdk", Standing: sandbox.Ours},
	{ID: "widget", Standing: sandbox.Ours},
	{ID: "logout_cookie", Standing: sandbox.Ours},
	{ID: "hub", Standing: sandbox.Missing},
	{ID: "api_rest", Standing: sandbox.Missing},
}
