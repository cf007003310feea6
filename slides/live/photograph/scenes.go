package main

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed scenes
var files embed.FS

// scenes are the panes that there is a scene of.
func scenes() (names []string) {
	all, err := files.ReadDir("scenes")
	if err != nil {
		panic(err) // they are part of the program
	}
	for _, f := range all {
		if name, is := strings.CutSuffix(f.Name(), ".js"); is && name != "stage" {
			names = append(names, name)
		}
	}
	return names
}

// script is what happens in the tab.
func script(s shot) string {
	read := func(name string) string {
		text, err := files.ReadFile("scenes/" + name + ".js")
		if err != nil {
			panic(err)
		}
		return string(text)
	}
	return fmt.Sprintf("(async () => {\nconst pt = %t;\n%s\n%s\n})()", s.lang == "pt-BR", read("stage"), read(s.name))
}
