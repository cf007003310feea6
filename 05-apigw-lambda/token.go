package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"websocket.example/05-apigw-lambda/functions"
)

const tokenLesson = `
Usage: TOKEN_SECRET=... go run ./05-apigw-lambda token [flags]

Makes a token for a client of the chat, as the authorizer of $connect wants it: in
the query string, wss://.../prod?token=TOKEN, or, since query strings end up in logs,
as a subprotocol: "chat, token.TOKEN". The secret is that of the stack, which is in the
variable TOKEN_SECRET of its authorizer function, or the one of -secret.

A token with a name is good for that name only.
`

func tokenCommand(_ context.Context, args []string, out, errs io.Writer) int {
	var name string
	var valid time.Duration
	fs := newFlags("05-apigw-lambda token", tokenLesson, out)
	fs.StringVar(&name, "name", "", "the `nickname` that the client has to use")
	fs.DurationVar(&valid, "for", time.Hour, "`time` for which it is good")
	err := fs.parse(args)
	if err == nil {
		err = printToken(out, os.Getenv("TOKEN_SECRET"), name, valid)
	}
	return exit(errs, err)
}

func printToken(out io.Writer, secret, name string, valid time.Duration) error {
	if secret == "" {
		return wrong("TOKEN_SECRET is not set: a token is signed with the secret of the authorizer that will read it")
	}
	if valid <= 0 {
		return wrong("-for %v: choose a time that is still to come, such as 1h", valid)
	}
	token, err := functions.Mint(secret, name, time.Now().Add(valid))
	if err != nil {
		return wrong("-name %q: %w", name, err)
	}
	fmt.Fprintln(out, token)
	return nil
}
