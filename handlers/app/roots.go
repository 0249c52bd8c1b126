package app

// Certificate roots for machines that have none of their own, such as a container with nothing but the program:
// without them no vendor would be believed.
import _ "golang.org/x/crypto/x509roots/fallback"
