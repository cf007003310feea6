package mapping

import (
	"math"
	"strconv"
	"strings"
)

func isNumber(v any) bool {
	switch v.(type) {
	case int64, float64:
		return true
	}
	return false
}

func toFloat(v any) float64 {
	if i, ok := v.(int64); ok {
		return float64(i)
	}
	f, _ := v.(float64)
	return f
}

// arithmetic is what an operator makes of two numbers. Integers stay integers,
// and what is divided by zero is null.
func arithmetic(operator string, left, right any) any {
	a, ok1 := left.(int64)
	b, ok2 := right.(int64)
	if !ok1 || !ok2 {
		return floats(operator, toFloat(left), toFloat(right))
	}
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		if b == 0 {
			return nil
		}
		return a / b
	case "%":
		if b == 0 {
			return nil
		}
		return a % b
	}
	return compare(operator, a, b)
}

func floats(operator string, a, b float64) any {
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		if b == 0 {
			return nil
		}
		return a / b
	case "%":
		if b == 0 {
			return nil
		}
		return math.Mod(a, b)
	}
	return compare(operator, a, b)
}

func compare[N int64 | float64](operator string, a, b N) any {
	switch operator {
	case "==":
		return a == b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	default: // ">="
		return a >= b
	}
}

// parseNumber reads a number as JSON and templates write it: with no point and
// no exponent it is an integer, if it fits.
func parseNumber(s string) any {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && math.IsInf(f, 0) {
		return math.Copysign(math.MaxFloat64, f)
	}
	return f
}

// formatFloat writes a number as Java does: 1.0, 249.99, 1.0E10.
func formatFloat(f float64) string {
	if size := math.Abs(f); size != 0 && (size < 1e-3 || size >= 1e7) {
		s := strconv.FormatFloat(f, 'E', -1, 64)
		digits, exponent, _ := strings.Cut(s, "E")
		if !strings.Contains(digits, ".") {
			digits += ".0"
		}
		n, err := strconv.Atoi(exponent)
		if err != nil { // NaN, Inf
			return s
		}
		return digits + "E" + strconv.Itoa(n)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
