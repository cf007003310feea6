// Package foreign is the chat seen by software that is not ours: a client on
// Node's ws, and the AsyncAPI project's schema of asyncapi.yaml. There is no
// Go program in it; npm ci installs what its tests need.
package foreign
