// SPDX-License-Identifier: Apache-2.0
// Runs a NEXMark query with Flink SQL in this process, parallelism 1, file to folder of files:
//   FlinkNexmark q0|q1|q2 INPUT OUTPUT_FOLDER
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

public class FlinkNexmark {
  public static void main(String[] arguments) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("parallelism.default", "1");
    configuration.setString("pipeline.object-reuse", "true");
    TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.newInstance()
        .inBatchMode().withConfiguration(configuration).build());
    String query = arguments[0];
    boolean narrow = query.equals("q2");
    String price = query.equals("q1") ? "price DOUBLE" : "price BIGINT";
    tables.executeSql("CREATE TABLE events (event_type INT, bid ROW<auction BIGINT, "
        + (narrow ? "price BIGINT>"
            : "bidder BIGINT, price BIGINT, `dateTime` STRING, extra STRING>")
        + ") WITH ('connector' = 'filesystem', 'path' = '" + arguments[1]
        + "', 'format' = 'json')");
    tables.executeSql("CREATE TABLE results (auction BIGINT, "
        + (narrow ? price : "bidder BIGINT, " + price + ", `dateTime` STRING, extra STRING")
        + ") WITH ('connector' = 'filesystem', 'path' = '" + arguments[2]
        + "', 'format' = 'json')");
    String rest = ", bid.`dateTime`, bid.extra FROM events WHERE event_type = 2";
    tables.executeSql("INSERT INTO results " + switch (query) {
      case "q0" -> "SELECT bid.auction, bid.bidder, bid.price" + rest;
      case "q1" -> "SELECT bid.auction, bid.bidder, 0.908e0 * bid.price" + rest;
      default -> "SELECT bid.auction, bid.price FROM events "
          + "WHERE event_type = 2 AND MOD(bid.auction, 123) = 0";
    }).await();
  }
}
