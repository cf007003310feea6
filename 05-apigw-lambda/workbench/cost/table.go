package cost

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// write prints the bills, and where they cross, as text.
func write(w io.Writer, l Language, in Input, p *Prices) {
	load := in.Count()
	fmt.Fprintln(w, l.Say("title", "users", l.short(in.Users), "messages", l.short(in.Messages), "room", l.short(in.room())))
	fmt.Fprintln(w, l.Say("when", "hours", l.short(in.Hours), "days", l.short(in.Days), "date", p.Date, "region", p.Region))
	fmt.Fprintln(w)
	fmt.Fprintln(w, l.Say("load", "sends", l.Number(load.Sends, 0), "delivered", l.Number(load.Delivered, 0),
		"minutes", l.Number(load.UserHours*60, 0), "egress", l.Number(load.Egress, 1)))

	bills := Bills(in, p)
	for _, b := range bills {
		fmt.Fprintf(w, "\n%s\n", l.Way(b))
		for _, it := range b.Items {
			digits := 0
			if it.Amount < 100 && it.Amount != math.Trunc(it.Amount) {
				digits = 1
			}
			fmt.Fprintf(w, "  %s  %s %s  %s\n", pad(l.Say("item."+it.Key), 36), padLeft(l.Number(it.Amount, digits), 15),
				pad(l.Say("unit."+it.Unit), 12), padLeft(l.Money(it.USD), 12))
		}
		fmt.Fprintf(w, "  %s  %s  %s\n", pad(l.Say("total"), 36), pad("", 28), padLeft(l.Money(b.Total), 12))
	}
	if len(bills) == 2 {
		fmt.Fprintf(w, "\n%s\n", l.Say("none.machine"))
	}

	fmt.Fprintf(w, "\n%s\n", l.Say("cross.title"))
	crossings := Crossings(in, p)
	for _, c := range crossings {
		fmt.Fprintf(w, "  %s\n", l.Say("cross.row", "users", l.Number(c.Users, 0), "usd", l.Money(c.USD),
			"cheaper", l.Say("short."+c.Cheaper), "dearer", l.Say("short."+c.Dearer)))
	}
	if crossings == nil {
		fmt.Fprintf(w, "  %s\n", l.Say("cross.none", "few", l.Number(fewUsers, 0), "many", l.Number(manyUsers, 0)))
	}

	fmt.Fprintf(w, "\n  %s", padLeft(l.Say("table.users"), 10))
	ways := []string{"serverless", "machine", "cluster"}
	for _, way := range ways {
		fmt.Fprintf(w, "  %s", padLeft(l.Say("short."+way), 22))
	}
	fmt.Fprintln(w)
	for users := float64(fewUsers); users <= manyUsers; users *= 10 {
		fmt.Fprintf(w, "  %s", padLeft(l.Number(users, 0), 10))
		for _, way := range ways {
			cell := "-"
			if usd, ok := total(way, in, p, users); ok {
				cell = l.Money(usd)
			}
			fmt.Fprintf(w, "  %s", padLeft(cell, 22))
		}
		fmt.Fprintln(w)
	}

	fmt.Fprintf(w, "\n%s\n", l.Say("assumed", "function", l.short(in.FunctionMS), "post", l.short(in.PostMS), "session", l.short(in.Session),
		"heartbeat", l.short(in.Heartbeat), "peak", l.short(in.Peak), "utilisation", l.short(in.Utilisation*100), "micros", l.short(in.DeliveryMicros)))
}

// writePrices prints the table with what is known of each price.
func writePrices(w io.Writer, p *Prices) {
	fmt.Fprintf(w, "Prices of %s, %s, %s\n\n", p.Date, p.Region, p.Currency)
	for _, r := range p.Rows {
		fmt.Fprintf(w, "%-20s ", r.ID)
		for i, t := range r.Tiers {
			if i > 0 {
				fmt.Fprint(w, ", then ")
			}
			fmt.Fprintf(w, "%g", t.Price)
			if t.To > 0 {
				fmt.Fprintf(w, " up to %.10g", t.To)
			}
		}
		fmt.Fprintf(w, " for %.10g %s\n%21s%s", r.Per, r.Unit, "", r.Confidence)
		if r.Seen != "" {
			fmt.Fprintf(w, ", seen %s", r.Seen)
		}
		fmt.Fprintf(w, ": %s\n", r.Source)
	}
}

func pad(s string, n int) string { return s + strings.Repeat(" ", max(n-utf8.RuneCountInString(s), 0)) }
func padLeft(s string, n int) string {
	return strings.Repeat(" ", max(n-utf8.RuneCountInString(s), 0)) + s
}
