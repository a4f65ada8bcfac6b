# "cur/hourly-resources/20261101-20261201/hourly-resources-Manifest.json"
output "manifest" {
  value = provider::awsbilling::cur_manifest_key("cur", "hourly-resources", "2026-11")
}
