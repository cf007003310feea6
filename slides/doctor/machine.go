package doctor

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"websocket.example/slides/internal/browser"
)

func (v *visit) checkBrowser(ctx context.Context) {
	path := browser.Any()
	if path == "" {
		v.find("browser", Missing, "browser")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	v.browser = programVersion(ctx, path)
	if browser.Chromium() == "" {
		v.find("browser", OK, "browser.other", "browser", v.browser)
		return
	}
	v.find("browser", OK, "browser.ok", "browser", v.browser)
}

func (v *visit) checkNode(ctx context.Context) {
	path, err := exec.LookPath("node")
	if err != nil {
		v.find("node", OK, "node.none")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	v.node = programVersion(ctx, path)
	v.find("node", OK, "node", "node", v.node)
}

// enoughFiles is what a thousand clients and their server hold open, in one process.
const enoughFiles = 4096

func (v *visit) checkFiles(context.Context) {
	limit, known := fileLimit()
	switch {
	case !known:
		v.find("files", OK, "files.none")
	case limit < enoughFiles:
		v.find("files", Warn, "files", "limit", limit, "wanted", enoughFiles)
	default:
		v.find("files", OK, "files.ok", "limit", limit)
	}
}

// checkClock asks nobody: a clock that stands before the files of the workspace is wrong.
func (v *visit) checkClock(context.Context) {
	now := time.Now()
	newest := time.Time{}
	for dir := filepath.Clean(v.Dir); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			newest = info.ModTime()
			break
		}
		if parent := filepath.Dir(dir); parent == dir {
			break
		}
	}
	shown := now.Format("2006-01-02 15:04 -07:00")
	if newest.After(now.Add(time.Minute)) {
		v.find("clock", Warn, "clock", "now", shown, "file", newest.Format("2006-01-02 15:04 -07:00"))
		return
	}
	v.find("clock", OK, "clock.ok", "now", shown)
}
