package stampede.standalone;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExitCodeExceptionMapper;
import picocli.CommandLine.IParameterExceptionHandler;

/** The command line. A command returns its exit code; what it throws becomes one here. */
@Command(
    name = "stampede",
    description = "A flash-sale platform in one process or many.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      Demo.class,
      Up.class,
      Cluster.class,
      Load.class,
      Check.class,
      Reconcile.class,
      Admin.class,
      Version.class,
      CommandLine.HelpCommand.class
    })
public final class Stampede {
  /** All is well: the books balance, the checks are green. */
  public static final int GOOD = 0;

  /** The books are BROKEN, a check is red, or the command failed. */
  public static final int BROKEN = 1;

  /** The command was called wrongly, or something of this machine keeps it from running. */
  public static final int ENVIRONMENT = 2;

  /** Nothing is known to be wrong, but not everything could be checked. */
  public static final int UNCHECKED = 3;

  private Stampede() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /**
   * The command line with its exit codes, as main runs it; tests and main alike call {@code
   * execute}.
   */
  static CommandLine commandLine() {
    IExitCodeExceptionMapper codes =
        fault -> fault instanceof EnvironmentFault ? ENVIRONMENT : BROKEN;
    IParameterExceptionHandler usage = Stampede::explainUsage;
    CommandLine line = new CommandLine(new Stampede());
    line.setExitCodeExceptionMapper(codes);
    line.setParameterExceptionHandler(usage);
    line.setExecutionExceptionHandler(Stampede::explain);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  private static int explain(Exception failure, CommandLine line, CommandLine.ParseResult parsed)
      throws Exception {
    if (!(failure instanceof EnvironmentFault)) {
      throw failure; // a bug of ours: with its stack trace, exit code 1
    }
    line.getErr().println("stampede: " + failure.getMessage());
    return ENVIRONMENT;
  }

  private static int explainUsage(CommandLine.ParameterException fault, String[] args) {
    PrintWriter err = fault.getCommandLine().getErr();
    err.println("stampede: " + fault.getMessage());
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(fault, err)) {
      fault.getCommandLine().usage(err);
    }
    return ENVIRONMENT;
  }
}
