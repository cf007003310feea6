package report

import (
	"embed"
	"html/template"
	"io"
	"time"

	"websocket.example/01-http-vs-ws/measure"
)

//go:embed page
var pageFiles embed.FS

var pageTemplate = template.Must(template.New("page").
	Funcs(template.FuncMap{"tagged": func(v view, of any) tagged { return tagged{v, of} }}).
	ParseFS(pageFiles, "page/*.gohtml"))

// A tagged drawing knows in which view it stands: a page has both, and an id
// must be there once.
type tagged struct {
	View view
	Of   any
}

// HTMLOptions say what a page shows besides the figures.
type HTMLOptions struct {
	When time.Time // of the measurement; the zero time is not shown
}

// HTML writes one page that needs nothing else: no network, no other file.
// It holds both languages and shows that of the browser. The same summary
// makes the same bytes.
func HTML(w io.Writer, s *measure.Summary, o HTMLOptions) error {
	style, err := pageFiles.ReadFile("page/page.css")
	if err != nil {
		return err
	}
	script, err := pageFiles.ReadFile("page/page.js")
	if err != nil {
		return err
	}
	page := struct {
		Style  template.CSS
		Script template.JS
		Views  []view
	}{template.CSS(style), template.JS(script), nil}
	for _, l := range languages {
		page.Views = append(page.Views, newView(l, s, o))
	}
	return pageTemplate.ExecuteTemplate(w, "page.gohtml", page)
}

// A view is all of the page in one language.
type view struct {
	Lang                    *language
	When                    string
	Conditions, Notices     []string
	Sentences               []string
	Tiles                   []tile
	Latency, Cost, Upstream table
	Panels                  []panel
	CostCharts              []chart
	UpstreamChart           chart
	Derivation              []step
	ModelLead               string
	Limits                  []string
	Command                 string
}

// A tile is the median of one transport, large enough for the last row.
type tile struct{ Lane, Name, Value, Unit string }

func newView(l *language, s *measure.Summary, o HTMLOptions) view {
	v := view{
		Lang:          l,
		Conditions:    l.conditions(s),
		Notices:       l.notices(s),
		Sentences:     Sentences(s, l.Tag),
		Latency:       l.latencyTable(s),
		Cost:          l.costTable(s),
		Upstream:      l.upstreamTable(s),
		Panels:        l.panels(s),
		CostCharts:    l.costCharts(s),
		UpstreamChart: l.upstreamChart(s),
		Derivation:    l.derivation(s),
		ModelLead:     l.modelLead(s),
		Limits:        l.limits(s),
		Command:       command(s),
	}
	if !o.When.IsZero() {
		v.When = l.say("page.measured", "when", o.When.Format("2006-01-02 15:04 MST"))
	}
	for _, r := range s.Rows {
		t := tile{r.Name, l.say("name." + r.Name), none, ""}
		if known(r) {
			t.Value, t.Unit = l.digits(r.P50.Median), "ms"
		}
		v.Tiles = append(v.Tiles, t)
	}
	return v
}

// Tag is the language of a view.
func (v view) Tag() string { return v.Lang.Tag }

// Say is a text of the catalog.
func (v view) Say(key string) string { return v.Lang.say(key) }
