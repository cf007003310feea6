package cost

import "math"

// need is what the busiest moment takes of the hubs together.
type need struct{ cores, gib float64 }

func (in Input) need(l Load) need {
	seconds := in.Hours * in.Days * 3600
	if seconds == 0 {
		return need{}
	}
	return need{
		cores: l.Delivered / seconds * in.Peak * in.DeliveryMicros / 1e6 / in.Utilisation,
		gib:   in.Users * in.ConnectionKiB / (1 << 20) / in.Utilisation,
	}
}

// OneMachine is the hub on the smallest machine that carries it, with NATS
// inside and no balancer: when the machine stops, the chat does. It is false
// when no machine in the price table is large enough.
func OneMachine(in Input, p *Prices) (Bill, bool) {
	l := in.Count()
	n := in.need(l)
	n.cores *= 1.5 // it has TLS to do, too: an assumption
	for _, m := range p.machines() {
		if m.Cores < n.cores || m.GiB < n.gib+0.5 {
			continue
		}
		b := Bill{Key: "machine", Type: m.ID, Instances: 1}
		b.add(p, "instances", m.ID, hoursMonth)
		b.add(p, "disk", "disk", 20+history(in, l))
		b.add(p, "addresses", "address", hoursMonth)
		b.add(p, "egress", "egress", l.Egress)
		return b, true
	}
	return Bill{}, false
}

// What a cluster is made of.
const (
	hubType  = "c7g.large"
	natsType = "m7g.medium"
	fewest   = 2 // hubs, in two zones
	servers  = 3 // of NATS, with three copies of each message
)

// Cluster is hubs behind a load balancer, and NATS on three machines of its
// own. One machine of either kind may stop.
func Cluster(in Input, p *Prices) Bill {
	l := in.Count()
	n, m := in.need(l), p.rows[hubType]
	hubs := math.Max(math.Ceil(n.cores/m.Cores), math.Ceil(n.gib/(m.GiB-0.5)))
	if hubs++; hubs < fewest { // one more than needed, for the one that stops
		hubs = fewest
	}
	b := Bill{Key: "cluster", Type: hubType, Instances: hubs}
	b.add(p, "instances", hubType, hubs*hoursMonth)
	b.add(p, "nats", natsType, servers*hoursMonth)
	b.add(p, "disk", "disk", 20*(hubs+servers)+servers*history(in, l))
	b.add(p, "balancer", "balancer", hoursMonth)
	b.add(p, "capacity", "balancer-capacity", in.capacity(l)*in.Hours*in.Days)
	b.add(p, "addresses", "address", 2*hoursMonth)

	// Each message goes to two more servers of NATS and to every hub, mostly
	// in another zone, and both zones charge for it.
	gb := l.Sends * (in.Bytes + in.Overhead) * (servers - 1 + hubs) / 1e9
	b.add(p, "zones", "zone-transfer", 2*gb)
	b.add(p, "egress", "egress", l.Egress)
	return b
}

// history is the GB of a week's messages.
func history(in Input, l Load) float64 {
	return l.Sends / math.Max(in.Days, 1) * math.Min(7, in.Days) * (in.Bytes + 100) / 1e9
}

// capacity is the load balancer's units (LCU) in an hour with users: the
// largest of what it counts.
func (in Input) capacity(l Load) float64 {
	hours := in.Hours * in.Days
	if hours == 0 {
		return 0
	}
	return max(
		l.Connects/hours/3600/25, // new connections a second
		in.Users/3000,            // connections
		(l.Egress+l.Received*(in.Bytes+in.Overhead)/1e9)/hours, // GB
	)
}
