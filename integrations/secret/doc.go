// Package secret holds credentials so that they cannot be printed by accident.
package secret
