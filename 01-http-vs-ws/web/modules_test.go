package web

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
)

// Modules of the page that need no server, tried out in the browser.
func testModules(t *testing.T, browser context.Context) {
	_, server := serve(t, Options{})
	w := open(t, browser, server.URL+"/favicon.svg") // an empty stage of the right origin
	for _, row := range []struct{ name, script, want string }{
		{"a ledger of faithful events", `
			const { Ledger } = await import('/ledger.js');
			const ledger = new Ledger(10);
			const fresh = [11, 12, 13].map((n) => ledger.enter(n));
			return [fresh, ledger.lost, ledger.repeated, ledger.reordered];`,
			`[[true,true,true],0,0,0]`},
		{"a ledger of 1, 4, 3, 4", `
			const { Ledger } = await import('/ledger.js');
			const ledger = new Ledger(0);
			const fresh = [1, 4, 3, 4].map((n) => ledger.enter(n));
			const before = [ledger.lost, ledger.repeated, ledger.reordered];
			ledger.startAnew();
			return [fresh, before, ledger.lost, ledger.repeated, ledger.reordered];`,
			`[[true,true,true,false],[1,1,1],0,0,0]`},
		{"percentiles are right to 1 %", `
			const { Stats } = await import('/stats.js');
			const stats = new Stats();
			for (let ms = 1; ms <= 1000; ms++) stats.add(ms);
			const near = (x, y) => Math.abs(x / y - 1) < 0.01;
			const curve = stats.curve();
			return [stats.n, stats.mean, near(stats.percentile(0.5), 500), near(stats.percentile(0.99), 990),
				curve.every(([ms, share]) => near(ms, share * 1000) || ms < 100), curve.at(-1)[1]];`,
			`[1000,500.5,true,true,true,1]`},
		{"what is shorter or longer than the bins", `
			const { Stats } = await import('/stats.js');
			const stats = new Stats();
			[-1, 0, 1e9].forEach((ms) => stats.add(ms));
			return [stats.n, stats.percentile(0.5) < 0.02, stats.percentile(1) > 590000];`,
			`[3,true,true]`},
		{"the clock believes the quickest answer", `
			const { Clock } = await import('/clock.js');
			const clock = new Clock();
			let asked = 0;
			await clock.sync(({ c }) => setTimeout(() => {
				const quickest = ++asked === 3; // it alone is read half way
				const now = performance.now();
				clock.answer(quickest ? { c: now - 0.1, s: (now - 0.05 + 5000) * 1000 } : { c: now - 50, s: 0 });
			}));
			return [asked, Math.abs(clock.offset - 5000) < 50];`,
			`[8,true]`},
		{"a lane that breaks begins again from the last event", `
			const { keep } = await import('/lanes/keep.js');
			const stop = new AbortController();
			const log = [];
			const follow = async ({ after, got }) => {
				log.push('after ' + after);
				got({ n: after + 1 });
				got({ n: after + 2 });
				if (after > 4) stop.abort();
				throw new Error('broken');
			};
			await keep(follow, {
				after: 3, signal: stop.signal,
				got: (event) => log.push(event.n), trouble: (there) => log.push(there),
			});
			return log;`,
			`["after 3",4,5,true,"after 5",false,6,7]`},
		{"bytes per event and per silent minute", `
			const { Book } = await import('/book.js');
			const book = new Book(0);
			const counters = (up, down) => ({ requests: 1, connections: 1, up, down });
			book.startAnew(1000);
			book.count(counters(100, 100), 900); // before it counts
			book.count(counters(200, 200), 1100);
			[1, 2].forEach((n) => book.receive({ n, at: 1200_000 }, 1240));
			book.count(counters(220, 300), 1600);
			const { up, down } = book.costs.perEvent;
			book.fallSilent(2000);
			book.count(counters(230, 300), 2100);
			book.count(counters(250, 340), 4100);
			return [book.stats.n, book.stats.mean, up, down, book.costs.idle];`,
			`[2,40,10,50,{"bytes":60,"seconds":2}]`},
	} {
		got, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](
			`(async () => { `+row.script+` })().then(JSON.stringify)`, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
		} else if got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
}
