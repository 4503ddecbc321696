# Sourced once, when the replica's data folder is made: from the next start on it follows the primary by itself and takes
# writes from nobody else. It tries for ever: a primary that is away for a day is no reason to give up.
docker_process_sql <<SQL
CHANGE REPLICATION SOURCE TO
  SOURCE_HOST = 'mysql-primary', SOURCE_USER = 'replicator', SOURCE_PASSWORD = '${REPLICATION_PASSWORD}', SOURCE_SSL = 1,
  SOURCE_AUTO_POSITION = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 0;
SET PERSIST_ONLY super_read_only = ON;
SQL
