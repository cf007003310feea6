// A program that does nothing, to be built for other machines.
package main

func main() {}
