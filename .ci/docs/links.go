package main

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strings"
)

var scheme = regexp.MustCompile(`^(?:[A-Za-z][A-Za-z0-9+.-]*:|//)`)

// isLocal reports whether a target is a file of the repo or an anchor. Others are not
// fetched: a check that needs the network fails for reasons nobody can mend.
func isLocal(target string) bool { return !scheme.MatchString(target) }

// checkLinks follows every local link and image.
func checkLinks(repo *Repo, r *Report) {
	for _, name := range sortedKeys(repo.Docs) {
		for _, link := range repo.Docs[name].Links {
			if !isLocal(link.Target) {
				continue
			}
			r.Links++
			if wrong, mend := follow(repo, name, link.Target); wrong != "" {
				r.find(name, link.Line, wrong, mend)
			}
		}
	}
}

// follow says what is wrong with a local target, if anything.
func follow(repo *Repo, from, target string) (wrong, mend string) {
	plain, err := url.PathUnescape(target)
	if err != nil {
		return fmt.Sprintf("the link %s is badly escaped", target), "write % as %25"
	}
	file, anchor, _ := strings.Cut(plain, "#")
	file, _, _ = strings.Cut(file, "?") // logo.svg?raw=true
	switch {
	case file == "" && anchor == "":
		return "this link is empty", "say where it leads"
	case file != "" && path.Ext(from) == ".slide":
		return fmt.Sprintf("the link %s leads out of the deck", target), "link to a slide, #id, or to an https address"
	case file == "":
		file = from
	case strings.HasPrefix(file, "/"): // from the root of the repo, as GitHub reads it
		file = path.Clean("." + file)
	default:
		file = path.Join(path.Dir(from), file)
	}
	if !fs.ValidPath(file) {
		return fmt.Sprintf("the link %s leads out of the repository", target), "link to a file in it"
	}
	if _, err := fs.Stat(repo.FS, file); err != nil {
		return fmt.Sprintf("there is no %s", file), "mend the path, which starts at this file's folder"
	}
	if to := repo.Docs[file]; to != nil && anchor != "" && !to.Anchors[anchor] {
		if path.Ext(file) == ".slide" {
			return fmt.Sprintf("no slide has the id %s", anchor), "use one of those in {#...}"
		}
		return fmt.Sprintf("%s has no heading for #%s", file, anchor), "use the heading in lower case, spaces as hyphens, no punctuation"
	}
	return "", ""
}
