# q2 of NEXMark by cutting lines into fields, without reading JSON.
BEGIN { FS = "[:,]" }
$2 == 2 && $5 % 123 == 0 { printf "{\"auction\":%d,\"price\":%d}\n", $5, $9 }
