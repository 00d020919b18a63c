// Command toy is what runs in the containers of the tests' real node: it needs no files beside itself.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const usage = "toy pause [CODE] | exit CODE | eat MEBIBYTES | stubborn"

func main() {
	if len(os.Args) < 2 {
		fail(usage)
	}
	switch os.Args[1] {
	case "pause": // also the sandbox of a pod; ends with the code when it is asked to
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT)
		<-asked
		if len(os.Args) > 2 {
			os.Exit(number())
		}
	case "exit":
		os.Exit(number())
	case "eat": // until the kernel's out-of-memory killer comes
		kept := make([]byte, number()<<20)
		for i := range kept {
			kept[i] = 1
		}
		fmt.Println("ate", len(kept))
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		time.Sleep(time.Hour)
	default:
		fail(usage)
	}
}

func number() int {
	if len(os.Args) < 3 {
		fail(usage)
	}
	value, err := strconv.Atoi(os.Args[2])
	if err != nil {
		fail(err.Error())
	}
	return value
}

func fail(text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(2)
}
