package template

// choose is Fn::If.
func (t *template) choose(n *node) *node {
	if n.kind != list || len(n.items) != 3 {
		t.fail(n, "Fn::If takes [condition, value if true, value if false]")
		return absent
	}
	if t.named(n.items[0]) {
		return t.resolve(n.items[1])
	}
	return t.resolve(n.items[2])
}

// named answers a condition by its name.
func (t *template) named(n *node) bool {
	if n.kind != scalar {
		t.fail(n, "this has to be the name of a condition, and is %s", n.kind)
		return false
	}
	condition := t.conditions.get(n.text)
	if condition.kind == none {
		t.fail(n, "there is no condition %s%s", name(n.text), meant(n.text, texts(t.conditions.keys)))
		return false
	}
	key := "Condition " + n.text
	if known, ok := t.memo[key]; ok {
		return known.kind == scalar
	}
	if !t.enter(n, key, "the condition "+name(n.text)) {
		return false
	}
	defer t.leave(key)
	holds := t.holds(condition)
	t.memo[key] = absent
	if holds {
		t.memo[key] = n
	}
	return holds
}

// holds answers one as it is written.
func (t *template) holds(n *node) bool {
	if !t.spend(n, 1) {
		return false
	}
	if n.kind != fields || len(n.keys) != 1 {
		t.fail(n, "a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition, and this is %s", n.kind)
		return false
	}
	key, argument := n.keys[0].text, n.items[0]
	if key == "Condition" {
		return t.named(argument)
	}
	if argument.kind != list {
		t.fail(n, "%s takes a list, and this is %s", name(key), argument.kind)
		return false
	}
	switch count := len(argument.items); {
	case key == "Fn::Equals" && count == 2:
		a, b := t.resolve(argument.items[0]), t.resolve(argument.items[1])
		if a.kind == unknown || b.kind == unknown {
			t.notice("Conditions", "AWS::CloudFormation::Condition", "an Fn::Equals in line "+itoa(n.line)+" compares what only AWS knows: it is false here")
			return false
		}
		return string(a.json()) == string(b.json()) || a.kind == scalar && b.kind == scalar && a.text == b.text
	case key == "Fn::Not" && count == 1:
		return !t.holds(argument.items[0])
	case key == "Fn::And" && count >= 2, key == "Fn::Or" && count >= 2:
		for _, item := range argument.items {
			if t.holds(item) == (key == "Fn::Or") {
				return key == "Fn::Or"
			}
		}
		return key == "Fn::And"
	}
	t.fail(n, "a condition is one of Fn::Equals [a, b], Fn::And [...], Fn::Or [...], Fn::Not [a] and Condition")
	return false
}

// enter begins to resolve what a key stands for, and says whether to go on.
func (t *template) enter(at *node, key, what string) bool {
	if t.busy[key] {
		t.fail(at, "%s refers to itself, in a circle", what)
		return false
	}
	t.busy[key] = true
	return t.err == nil
}

func (t *template) leave(key string) { delete(t.busy, key) }
