"""What the people of the example company reported, week by week."""

from dashboards.demo.check_ins.company import COMPANY
from dashboards.demo.check_ins.earlier import EARLIER_CHECK_INS
from dashboards.demo.check_ins.last import LAST
from dashboards.demo.check_ins.marketing import MARKETING
from dashboards.demo.check_ins.online import ONLINE
from dashboards.demo.check_ins.roastery import ROASTERY
from dashboards.demo.check_ins.sales import SALES
from dashboards.demo.check_ins.year import YEAR

CHECK_INS = {**COMPANY, **ONLINE, **SALES, **MARKETING, **ROASTERY, **LAST, **YEAR, **EARLIER_CHECK_INS}
