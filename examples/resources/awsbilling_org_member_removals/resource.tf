resource "awsbilling_org_member_removals" "example" {
  accounts = {
    "444455556666" = {}
  }
}
