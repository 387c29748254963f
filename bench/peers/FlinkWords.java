// SPDX-License-Identifier: Apache-2.0
// Counts words with Flink's batch SQL in this process, parallelism 1: FlinkWords INPUT OUTPUT_FOLDER
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

public class FlinkWords {
  public static void main(String[] paths) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("parallelism.default", "1");
    configuration.setString("taskmanager.memory.managed.size", "512m");
    TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.newInstance()
        .inBatchMode().withConfiguration(configuration).build());
    tables.executeSql("CREATE TABLE lines (line STRING) WITH ('connector' = 'filesystem', "
        + "'path' = '" + paths[0] + "', 'format' = 'raw')");
    tables.executeSql("CREATE TABLE counts (word STRING, n BIGINT) WITH ('connector' = "
        + "'filesystem', 'path' = '" + paths[1] + "', 'format' = 'csv', "
        + "'csv.field-delimiter' = '\t', 'csv.disable-quote-character' = 'true')");
    tables.executeSql("INSERT INTO counts SELECT word, COUNT(*) FROM lines "
        + "CROSS JOIN UNNEST(SPLIT(line, ' ')) AS t(word) WHERE word <> '' GROUP BY word").await();
  }
}
