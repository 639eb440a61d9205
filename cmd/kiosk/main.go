// Command kiosk is the firmware of the self-service kiosk (C1): the queue on buttons, LED digits
// and a thermal printer, on a Raspberry Pi or on the drawn machine of the bench.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"sps-kiosk/cmd/internal/appliance"
	"sps-kiosk/cmd/internal/card"
	"sps-kiosk/kiosk/config"
)

// version is stamped by the linker: the commit the binary was built from.
var version = "unknown"

func main() { os.Exit(run(os.Args[1:])) }

// run returns the exit code: 0 well, 1 failed, 2 wrong flags or settings.
func run(args []string) int {
	o := appliance.Options{Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	flags := flag.NewFlagSet("kiosk", flag.ContinueOnError)
	flags.StringVar(&o.Board, "board", "auto", "плата: auto — этот компьютер, bench — учебный киоск в браузере")
	flags.StringVar(&o.Config, "config", "", "файл настроек kiosk.txt или папка с ним; без него действуют встроенные")
	flags.StringVar(&o.Data, "data", "data", "папка очереди")
	flags.StringVar(&o.Porter, "porter", "", "сокет porter: без него сканирования нет")
	flags.DurationVar(&o.Contact, "contact", 0, "через сколько после включения самое позднее впервые связаться с районом, например 5s; иначе минута")
	flags.StringVar(&o.Page, "page", "127.0.0.1:8080", "адрес страницы учебного киоска")
	flags.StringVar(&o.Screen, "screen", "", "адрес страниц экрана и табло на самом киоске, например 127.0.0.1:8088; иначе как в настройках")
	flags.StringVar(&o.LAN, "lan", "", "адрес страниц в сети центра, например :8443; иначе как в настройках")
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "kiosk [флаги]\nkiosk config check ФАЙЛ\nkiosk config print\nkiosk config print catalog\nkiosk [флаги] selftest [first]\nkiosk version\n\n")
		flags.PrintDefaults()
	}
	if program, known := programs[first(args)]; known {
		return runProgram(program, args[1:], o.Log)
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	switch flags.Arg(0) {
	case "":
	case "selftest":
		return selfTest(o, flags.Args()[1:])
	case "config":
		return configCommand(flags.Args()[1:])
	case "version":
		fmt.Println(version)
		return 0
	default:
		fmt.Fprintf(os.Stderr, "нет такой команды: %s\n", flags.Arg(0))
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := appliance.Run(ctx, o); err != nil {
		o.Log.Error("the kiosk ends", "err", err)
		return 1
	}
	return 0
}

// selfTest looks at everything that is wired (C10). "first" is for the start of the machine: done once, it is not
// done again.
func selfTest(o appliance.Options, args []string) int {
	first := len(args) == 1 && args[0] == "first"
	if len(args) > 0 && !first {
		fmt.Fprintln(os.Stderr, "kiosk [флаги] selftest — проверить всё, что подключено; службу перед этим остановите\n"+
			"kiosk [флаги] selftest first — то же при включении, если проверки ещё не было")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	well, err := appliance.SelfTest(ctx, o, os.Stdout, first)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "самопроверка не закончена:", err)
		return 1
	case !well && !first:
		return 1
	}
	return 0
}

// programs are the processes beside the kiosk proper (ARCHITECTURE §3).
var programs = map[string]func(context.Context, []string, *slog.Logger) error{
	"scan-worker":  appliance.ScanWorker,
	"scan-unit":    appliance.ScanUnit,
	"porter":       appliance.Porter,
	"bench-porter": appliance.BenchPorter,
	"card":         card.Program,
}

// runProgram runs one of them to its end.
func runProgram(program func(context.Context, []string, *slog.Logger) error, args []string, log *slog.Logger) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := program(ctx, args, log); err != nil {
		log.Error("the process ends", "err", err)
		return 1
	}
	return 0
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// configCommand checks kiosk.txt with the catalogue beside it, or prints a built-in file to start from.
func configCommand(args []string) int {
	switch {
	case len(args) == 2 && args[0] == "check":
		said, err := appliance.CheckSettings(args[1])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2
		}
		fmt.Println("Настройки в порядке.")
		for _, line := range said {
			fmt.Println(line)
		}
		return 0
	case len(args) == 2 && args[0] == "print" && args[1] == "catalog":
		os.Stdout.Write(config.CatalogReference)
		return 0
	case len(args) == 1 && args[0] == "print":
		os.Stdout.Write(config.Reference)
		return 0
	}
	fmt.Fprintln(os.Stderr, "kiosk config check ФАЙЛ — проверить настройки и каталог рядом с ними\n"+
		"kiosk config print — вывести встроенные настройки\nkiosk config print catalog — вывести встроенный каталог услуг")
	return 2
}
